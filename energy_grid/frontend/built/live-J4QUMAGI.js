import{a,b}from"./chunk-MB356PQT.js";import"./chunk-4MOGXS2J.js";export{b as follow,a as refresh};
