import{a,b}from"./chunk-RQA756HY.js";import"./chunk-FG4RW7HA.js";export{b as follow,a as refresh};
