import{a,b,c,d}from"./chunk-VQCPMHXA.js";import"./chunk-T6WRXELX.js";import"./chunk-IKA2UXLZ.js";export{d as ccipRequest,c as offchainLookup,b as offchainLookupAbiItem,a as offchainLookupSignature};
