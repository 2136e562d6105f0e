import{a,b,c}from"./chunk-5KLMTXBQ.js";import"./chunk-RLUWH4RM.js";export{a as draw,b as savePicture,c as saveTable};
