#!/usr/bin/env node
/**
 * A Zoetrope client for Node.js 18 or newer, without packages: encodes a prompt, and decodes an answer to an MP4 or to
 * the reason of a failure. With kcat as the Kafka client, for example:
 *
 *   node zoetrope-client.mjs encode my-id "a red circle moving right on a black background" > prompt.bin
 *   kcat -P -b localhost:9092 -t zoetrope.prompts -k my-id prompt.bin
 *   kcat -C -b localhost:9092 -t zoetrope.videos -X isolation.level=read_committed -o beginning -c 1 -f %s > video.bin
 *   node zoetrope-client.mjs decode video.bin clip.mp4
 *   node zoetrope-client.mjs explain failure.bin    # a record of zoetrope.failures, read in the same way
 *
 * A payload that is not in its record is read from the folder that the job's option payload-folder names, given as the
 * last argument of decode, such as file:///srv/videos, and from nowhere else.
 *
 * A record's value is Avro's single-object encoding: C3 01, the schema's CRC-64-AVRO fingerprint (8 bytes, little
 * endian), then the record. The schemas are the files in schemas/. A long is a number if a number holds it, otherwise a
 * BigInt, as most seeds are. The package avsc refuses such longs, and does not compute the fingerprint.
 */
import {createHash} from 'node:crypto';
import {readFileSync, readdirSync, realpathSync, writeFileSync, writeSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

const SCHEMAS = new URL('../../schemas/', import.meta.url);
const POLYNOMIAL = 0xc15d213aa4d7a795n; // of CRC-64-AVRO; also the fingerprint of no bytes

/** Returns the parts of a schema that the fingerprint covers: full names, no docs, no defaults, no logical types. */
function canonical(schema, namespace) {
  if (typeof schema === 'string') return schema;
  if (Array.isArray(schema)) return schema.map(branch => canonical(branch, namespace));
  if (schema.type === 'map') return {type: 'map', values: canonical(schema.values, namespace)};
  if (schema.type !== 'record') return schema.type;
  const inner = schema.namespace ?? namespace;
  const fields = schema.fields.map(({name, type}) => ({name, type: canonical(type, inner)}));
  return {name: `${inner}.${schema.name}`, type: 'record', fields};
}

/** Reads a schema, for example `prompt_event`. Returns it and the ten bytes before every record of it. */
function schema(name, file = `${name}.avsc`) {
  const definition = JSON.parse(readFileSync(new URL(file, SCHEMAS)));
  let crc = POLYNOMIAL;
  for (const byte of Buffer.from(JSON.stringify(canonical(definition)))) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ (crc & 1n ? POLYNOMIAL : 0n);
  }
  const header = Buffer.from([0xc3, 0x01, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeBigUInt64LE(crc, 2);
  return {definition, header};
}

/** Returns the Avro bytes of a value. A field that is left out has the default of its schema. */
function write(type, value) {
  if (Array.isArray(type)) { // a union of null and one more type
    const branch = type.findIndex(each => (each === 'null') === (value === null));
    return Buffer.concat([write('int', branch), write(type[branch], value)]);
  }
  switch (type.type ?? type) {
    case 'null': return Buffer.alloc(0);
    case 'boolean': return Buffer.from([value ? 1 : 0]);
    case 'int': case 'long': {
      const number = BigInt(value), bytes = []; // of a Date: its milliseconds
      let rest = BigInt.asUintN(64, (number << 1n) ^ (number >> 63n));
      for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
      return Buffer.from([...bytes, Number(rest)]);
    }
    case 'string': case 'bytes': return Buffer.concat([write('long', Buffer.byteLength(value)), Buffer.from(value)]);
    case 'map': {
      const entries = Object.entries(value).map(([key, each]) => [write('string', key), write(type.values, each)]);
      const block = entries.length === 0 ? [] : [write('long', entries.length), ...entries.flat()];
      return Buffer.concat([...block, write('long', 0)]);
    }
    case 'record': return Buffer.concat(type.fields.map(field => {
      const given = value[field.name] ?? field.default;
      if (given === undefined) throw new Error(`${type.name}: ${field.name} is missing, and has no default`);
      return write(field.type, given);
    }));
    default: throw new Error(`${JSON.stringify(type)}: this client does not write that Avro type`);
  }
}

/** Reads a value at `from.at` of `from.bytes`, and moves `from.at` behind it. */
function read(type, from) {
  if (Array.isArray(type)) return read(type[read('int', from)], from);
  switch (type.type ?? type) {
    case 'null': return null;
    case 'boolean': return from.bytes[from.at++] === 1;
    case 'int': case 'long': {
      let bits = 0n, shift = 0n, byte;
      do {
        byte = from.bytes.readUInt8(from.at++);
        bits |= BigInt(byte & 127) << shift;
        shift += 7n;
      } while (byte > 127);
      const exact = BigInt.asIntN(64, (bits >> 1n) ^ -(bits & 1n)), number = Number(exact);
      if (type.logicalType === 'timestamp-millis') return new Date(number);
      return Number.isSafeInteger(number) ? number : exact;
    }
    case 'string': return read('bytes', from).toString();
    case 'bytes': {
      const length = read('long', from);
      if (length > from.bytes.length - from.at) throw new Error(`the record ends within the field at ${from.at}`);
      return from.bytes.subarray(from.at, from.at += length);
    }
    case 'map': {
      const map = {};
      for (let count = read('long', from); count !== 0; count = read('long', from)) {
        if (count < 0) read('long', from); // the size of the block in bytes follows a negative count
        for (let i = Math.abs(count); i > 0; i--) map[read('string', from)] = read(type.values, from);
      }
      return map;
    }
    case 'record': return Object.fromEntries(type.fields.map(field => [field.name, read(field.type, from)]));
    default: throw new Error(`${JSON.stringify(type)}: this client does not read that Avro type`);
  }
}

/** Returns the value of a Kafka record. */
export function encode(name, record) {
  const {definition, header} = schema(name);
  return Buffer.concat([header, write(definition, record)]);
}

/** Returns the record in the value of a Kafka record. */
export function decode(name, value) {
  const start = value.subarray(0, 10);
  const earlier = readdirSync(new URL('earlier/', SCHEMAS)).filter(file => file.startsWith(`${name}-`));
  const versions = [schema(name), ...earlier.map(file => schema(name, `earlier/${file}`))];
  const written = versions.find(({header}) => start.equals(header));
  if (value.length === 0) throw new Error(`expected a ${name}, got no bytes: the file is empty, as kcat leaves it`);
  if (!written) {
    const [found, expected] = [start.toString('hex'), versions[0].header.toString('hex')];
    throw new Error(`the value starts with ${found}, a ${name} of this version with ${expected}`);
  }
  return read(written.definition, {bytes: value, at: start.length});
}

/** Returns the value of a PromptEvent. `more` sets its other fields, for example {seed: 7, labels: {shop: 'a'}}. */
export function prompt(requestId, text, more = {}) {
  return encode('prompt_event', {request_id: requestId, prompt: text, created_at: new Date(), ...more});
}

/** Reads the payload of a claim check: only what is in the folder under the name of its digest. */
function stored({payload_uri: uri, payload_sha256: digest}, folder) {
  if (!/^[0-9a-f]{64}$/.test(digest) || uri !== `${folder?.replace(/\/+$/, '')}/${digest}.mp4`) {
    throw new Error(`the payload is at ${uri}, which is not in the folder ${folder}; give the job's payload-folder`);
  }
  return readFileSync(new URL(uri)); // for s3:// use the store's client
}

/** Returns the VideoSegment in the value of a record. Throws if its payload does not have the digest that it names. */
export function video(value, folder) {
  const segment = decode('video_segment', value);
  segment.payload ??= stored(segment, folder);
  const digest = createHash('sha256').update(segment.payload).digest('hex');
  if (digest === segment.payload_sha256) return segment;
  throw new Error(`the payload's SHA-256 is ${digest}, the record was written with ${segment.payload_sha256}`);
}

/** Prints a record as JSON; bytes in base64. */
function print(record) {
  for (const [name, value] of Object.entries(record)) {
    if (Buffer.isBuffer(value)) record[name] = value.toString('base64');
    if (typeof value === 'bigint') record[name] = `${value}`;
  }
  console.log(JSON.stringify(record, null, 2));
}

/** Runs a command. Returns its exit code. */
function main([command, ...files]) {
  if (command === 'encode' && files.length === 2) {
    writeSync(1, prompt(...files));
  } else if (command === 'decode' && (files.length === 2 || files.length === 3)) {
    const {payload, ...segment} = video(readFileSync(files[0]), files[2]);
    writeFileSync(files[1], payload);
    print(segment);
  } else if (command === 'explain' && files.length === 1) {
    print(decode('failed_prompt', readFileSync(files[0])));
  } else {
    console.error('usage: zoetrope-client.mjs encode ID PROMPT | decode RECORD MP4 [FOLDER] | explain RECORD');
    return 2;
  }
  return 0;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = main(process.argv.slice(2));
  } catch (error) {
    console.error(`zoetrope-client: ${error.message}`);
    process.exitCode = 1;
  }
}
