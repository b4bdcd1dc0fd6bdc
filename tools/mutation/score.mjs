// @ts-check
// What a report of Stryker says, in a few lines: the score of each folder and file, and where mutants survive.

/**
 * @typedef {{ status: string, mutatorName: string, replacement?: string,
 *   location: { start: { line: number, column: number }, end: { line: number, column: number } } }} Mutant
 * @typedef {{ files: Record<string, { source: string, mutants: Mutant[] }> }} Report
 * @typedef {{ killed: number, survived: number }} Tally
 */

const KILLED = ["Killed", "Timeout"];
const SURVIVED = ["Survived", "NoCoverage"];

/** Rows of a table, the whole last. @param {Report} report @returns {string[]} */
export function scoreLines({ files }) {
  /** @type {Map<string, Tally>} */
  const tallies = new Map();
  /** @param {string} name @param {Mutant[]} mutants */
  const add = (name, mutants) => {
    const { killed, survived } = tallyOf(mutants);
    const before = tallies.get(name) ?? { killed: 0, survived: 0 };
    tallies.set(name, { killed: before.killed + killed, survived: before.survived + survived });
  };
  const paths = Object.keys(files).sort();
  for (const path of paths) add(path, files[path]?.mutants ?? []);
  for (const path of paths) add(`${path.slice(0, path.lastIndexOf("/"))}/`, files[path]?.mutants ?? []);
  for (const path of paths) add("all", files[path]?.mutants ?? []);
  const rows = [...tallies].filter(([, { killed, survived }]) => killed + survived > 0);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, tally]) =>
    `${name.padEnd(width)}  ${percent(tally).padStart(7)}  ${tally.killed} killed, ${tally.survived} survived`
  );
}

/** Of all mutants that were tried; 100 when there is none. @param {Report} report @returns {number} */
export function scorePercent({ files }) {
  const { killed, survived } = tallyOf(Object.values(files).flatMap(({ mutants }) => mutants));
  return killed + survived === 0 ? 100 : 100 * killed / (killed + survived);
}

/** One line for each mutant that no test noticed: what stood there, and instead of what. @param {Report} report @returns {string[]} */
export function survivorLines({ files }) {
  return Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([path, { source, mutants }]) =>
    mutants.filter(({ status }) => SURVIVED.includes(status)).map((mutant) => {
      const { start } = mutant.location;
      const missed = mutant.status === "NoCoverage" ? " (no test comes here)" : "";
      return `${path}:${start.line}:${start.column}: ${mutant.mutatorName}${missed}: ` +
        `${oneLine(original(source, mutant))} → ${oneLine(mutant.replacement ?? "")}`;
    })
  );
}

/** @param {Mutant[]} mutants @returns {Tally} */
function tallyOf(mutants) {
  return {
    killed: mutants.filter(({ status }) => KILLED.includes(status)).length,
    survived: mutants.filter(({ status }) => SURVIVED.includes(status)).length,
  };
}

/** @param {string} source @param {Mutant} mutant */
function original(source, { location: { start, end } }) {
  const lines = source.split("\n").slice(start.line - 1, end.line);
  const last = lines.length - 1;
  return lines.map((line, at) =>
    line.slice(at === 0 ? start.column - 1 : 0, at === last ? end.column - 1 : undefined)
  ).join("\n");
}

/** @param {string} code */
function oneLine(code) {
  const short = code.replaceAll(/\s+/g, " ");
  return short.length > 90 ? `${short.slice(0, 88)} …` : short;
}

/** @param {Tally} tally */
function percent({ killed, survived }) {
  return `${(100 * killed / (killed + survived)).toFixed(1)} %`;
}
