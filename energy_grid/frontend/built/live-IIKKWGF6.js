import{a,b}from"./chunk-LUY54IWQ.js";import"./chunk-RLUWH4RM.js";export{b as follow,a as refresh};
