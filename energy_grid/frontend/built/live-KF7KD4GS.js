import{a,b}from"./chunk-H4EVDRYC.js";import"./chunk-4MOGXS2J.js";export{b as follow,a as refresh};
