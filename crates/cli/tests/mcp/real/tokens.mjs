// Counts tokens: a list of texts as JSON on standard input, a list of numbers on standard output.
//
// `node tokens.mjs PACKAGE` where PACKAGE is the module of the tokenizer.

import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const { countTokens } = await import(pathToFileURL(process.argv[2]));
const texts = JSON.parse(await text(process.stdin));
console.log(JSON.stringify(texts.map((text) => countTokens(text))));
