// Reads an AsyncAPI document, and prints the addresses of its channels, or the faults.
import {readFileSync} from 'node:fs';
import avro from '@asyncapi/avro-schema-parser';
import asyncapi from '@asyncapi/parser';

const ERROR = 0;
const parser = new asyncapi.Parser();
parser.registerSchemaParser(avro.AvroSchemaParser());
const {document, diagnostics} = await parser.parse(readFileSync(process.argv[2], 'utf8'));
const faults = diagnostics.filter(({severity}) => severity === ERROR);
for (const {path, message} of faults) console.log(path.join('.'), message);
if (faults.length === 0) console.log(document.channels().all().map(channel => channel.address()).sort().join(' '));
process.exitCode = faults.length === 0 ? 0 : 1;
