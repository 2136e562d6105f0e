import{a,b}from"./chunk-MIMWY7KG.js";import"./chunk-FQVVSZOI.js";export{b as follow,a as refresh};
