import{a,b}from"./chunk-W5DDD5GZ.js";import"./chunk-FQVVSZOI.js";export{b as follow,a as refresh};
