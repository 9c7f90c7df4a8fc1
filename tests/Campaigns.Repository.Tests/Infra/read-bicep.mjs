// Reads a Bicep file with its tree-sitter grammar and prints what the tests look at as JSON.
// node read-bicep.mjs <node_modules> <file.bicep>

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [modules, file] = process.argv.slice(2);
const { Parser, Language } = await import(pathToFileURL(`${modules}/web-tree-sitter/web-tree-sitter.js`).href);
await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(`${modules}/tree-sitter-bicep/tree-sitter-bicep.wasm`));
const root = parser.parse(readFileSync(file, 'utf8')).rootNode;

const result = { problems: [], parameters: [], outputs: [], resources: [], declared: [], used: [] };
const line = node => node.startPosition.row + 1;
const text = node => node.type === 'string' ? node.text.slice(1, -1) : node.text;

// A value: an object with its properties, an array with its items, or text (a literal where nothing is interpolated).
function value(node) {
  if (node.type === 'object') {
    const properties = {};
    for (const property of node.namedChildren.filter(c => c.type === 'object_property')) {
      const [key, content] = property.namedChildren;
      if (content) properties[text(key)] = value(content);
    }
    return { kind: 'object', line: line(node), properties };
  }
  if (node.type === 'array') return { kind: 'array', line: line(node), items: node.namedChildren.filter(c => c.type !== 'comment').map(value) };
  const literal = node.type === 'string' && !node.namedChildren.some(c => c.type === 'interpolation');
  return { kind: 'text', line: line(node), text: text(node), literal, valueType: node.type };
}

function resource(node, parent) {
  const [name, type] = node.namedChildren;
  const [path, version] = text(type).split('@');
  const body = node.namedChildren.find(c => c.type === 'object') ?? node.descendantsOfType('object')[0];
  const entry = {
    name: name.text,
    line: line(node),
    type: parent ? `${parent.type}/${path}` : path,
    version: version ?? parent?.version ?? '',
    existing: node.children.some(c => c.type === 'existing'),
    body: value(body),
  };
  result.resources.push(entry);
  for (const property of body.namedChildren) {
    const child = property.type === 'resource_declaration' ? property : property.namedChildren.find(c => c.type === 'resource_declaration');
    if (child) resource(child, entry);
  }
}

const declarations = {
  parameter_declaration: (node, decorators) => result.parameters.push({
    name: node.namedChildren[0].text,
    line: line(node),
    described: /@description\('.+'\)/.test(decorators),
    secure: /@secure\(\)/.test(decorators),
    hasDefault: node.namedChildren.length > 2,
  }),
  output_declaration: node => result.outputs.push(node.namedChildren[0].text),
  resource_declaration: node => resource(node, null),
};

let decorators = '';
for (const node of root.namedChildren) {
  if (node.type === 'decorators') { decorators = node.text; continue; }
  if (node.type === 'comment') continue;
  declarations[node.type]?.(node, decorators);
  decorators = '';
}

const isKey = node => node.parent.type === 'object_property' && node.parent.namedChildren[0].equals(node);
const isFunction = node => node.parent.type === 'call_expression' && node.parent.namedChildren[0].equals(node);

(function walk(node) {
  if (node.isError) result.problems.push(`line ${line(node)}: not Bicep: ${node.text.slice(0, 60)}`);
  if (node.isMissing) result.problems.push(`line ${line(node)}: ${node.type} is missing`);
  if (node.type === 'identifier') {
    const first = node.parent.namedChildren[0].equals(node);
    if ((/_declaration$/.test(node.parent.type) || node.parent.type === 'for_statement') && first) result.declared.push(node.text);
    else if (!isKey(node) && !isFunction(node)) result.used.push(node.text);
  }
  node.children.forEach(walk);
})(root);

console.log(JSON.stringify(result));
