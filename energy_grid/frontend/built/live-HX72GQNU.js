import{a,b}from"./chunk-AYBVBXFX.js";import"./chunk-ZQK5KCIV.js";export{b as follow,a as refresh};
