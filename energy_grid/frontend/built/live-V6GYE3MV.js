import{a,b}from"./chunk-GEACQUUW.js";import"./chunk-FG4RW7HA.js";export{b as follow,a as refresh};
