import"./chunk-NNOHCKD4.js";import{g as e}from"./chunk-R54VGRBZ.js";import"./chunk-VNEGZ7MG.js";import"./chunk-SXXCWE3N.js";import"./chunk-QXZCWBSK.js";export{e as hashTypedData};
