import{a,b}from"./chunk-5M3S3AOT.js";import"./chunk-FQVVSZOI.js";export{b as follow,a as refresh};
