import{a,b}from"./chunk-RAKEVVHL.js";import"./chunk-RLUWH4RM.js";export{b as follow,a as refresh};
