import{a,b}from"./chunk-22WRRIBT.js";import"./chunk-RLUWH4RM.js";export{b as follow,a as refresh};
