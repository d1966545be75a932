// Reads a JSON array of queries, prints a JSON array of booleans: has the tree no error node?
import { readFileSync } from "node:fs";
import { parser } from "@grafana/lezer-logql";

function isQuery(query) {
  let whole = true;
  parser.parse(query).iterate({
    enter: (node) => {
      whole &&= !node.type.isError;
    },
  });
  return whole;
}

const queries = JSON.parse(readFileSync(0, "utf-8"));
process.stdout.write(JSON.stringify(queries.map(isQuery)));
