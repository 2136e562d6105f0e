import{a,b}from"./chunk-MQNR5YCC.js";import"./chunk-FQVVSZOI.js";export{b as follow,a as refresh};
