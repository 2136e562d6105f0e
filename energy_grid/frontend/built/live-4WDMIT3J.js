import{a,b,c}from"./chunk-PCGRTY3I.js";import"./chunk-RLUWH4RM.js";export{c as follow,b as put,a as refresh};
