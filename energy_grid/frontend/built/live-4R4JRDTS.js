import{a,b}from"./chunk-SI2I3SPT.js";import"./chunk-CX7CXTER.js";export{b as follow,a as refresh};
