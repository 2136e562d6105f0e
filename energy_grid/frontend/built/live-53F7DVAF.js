import{a,b}from"./chunk-MGGXPJQX.js";import"./chunk-RLUWH4RM.js";export{b as follow,a as refresh};
