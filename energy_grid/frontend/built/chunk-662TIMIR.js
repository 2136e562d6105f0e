function e(t,n){let[i="0",r=""]=t.trim().replace(",",".").split(".");return BigInt(i+r.padEnd(n,"0"))}export{e as a};
