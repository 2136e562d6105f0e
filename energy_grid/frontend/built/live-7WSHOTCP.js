import{a,b}from"./chunk-VT5G355G.js";import"./chunk-RLUWH4RM.js";export{b as follow,a as refresh};
