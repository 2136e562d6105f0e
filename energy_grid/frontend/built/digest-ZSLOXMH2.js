import"./chunk-VQCPMHXA.js";import{g as e}from"./chunk-LZETQDKJ.js";import"./chunk-T6WRXELX.js";import"./chunk-VR2L2ODW.js";import"./chunk-IKA2UXLZ.js";export{e as hashTypedData};
