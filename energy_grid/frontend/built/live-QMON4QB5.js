import{a,b}from"./chunk-CR3PGFQL.js";import"./chunk-FQVVSZOI.js";export{b as follow,a as refresh};
