import{a,b}from"./chunk-2LHOJ3VF.js";import"./chunk-CX7CXTER.js";export{b as follow,a as refresh};
