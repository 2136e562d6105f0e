import{a,b}from"./chunk-32CBKCO7.js";import"./chunk-QZPBYTPP.js";export{b as follow,a as refresh};
