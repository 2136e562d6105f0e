import{a,b}from"./chunk-ZAI4B3QF.js";import"./chunk-RLUWH4RM.js";export{b as follow,a as refresh};
