function i(r,t){let[e="0",n=""]=r.trim().replace(",",".").split(".");if(n.length>t)throw new Error(document.body.dataset.fine);return BigInt(e+n.padEnd(t,"0"))}export{i as a};
