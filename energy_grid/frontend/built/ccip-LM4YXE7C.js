import{a,b,c,d}from"./chunk-NNOHCKD4.js";import"./chunk-VNEGZ7MG.js";import"./chunk-QXZCWBSK.js";export{d as ccipRequest,c as offchainLookup,b as offchainLookupAbiItem,a as offchainLookupSignature};
