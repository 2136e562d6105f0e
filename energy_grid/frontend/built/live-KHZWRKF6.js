import{a,b}from"./chunk-J7U23DKR.js";import"./chunk-RLUWH4RM.js";export{b as follow,a as refresh};
