import{a,b}from"./chunk-CWI6C7JK.js";import"./chunk-RLUWH4RM.js";export{b as follow,a as refresh};
