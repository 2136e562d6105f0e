import{a,b}from"./chunk-Y6ISKVIX.js";import"./chunk-RLUWH4RM.js";export{b as follow,a as refresh};
