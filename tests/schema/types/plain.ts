/**
 * The schema's types as a JSON file spells them: an enum becomes the values of its members, all
 * else stays. The mapping keeps each key and whether it is optional, so a literal is still
 * refused an unknown key, and still owes the required ones.
 */
export type Plain<T> = unknown extends T
  ? T // unknown and any: nothing is known below here
  : T extends string
    ? `${T}`
    : T extends number
      ? `${T}` extends `${infer N extends number}`
        ? N
        : never
      : T extends object
        ? { [K in keyof T]: Plain<T[K]> }
        : T;

/** The keys of T that it names, without its index signature. */
type Named<T> = keyof {
  [K in keyof T as string extends K ? never : number extends K ? never : K]: unknown;
};

/** T with the keys of R in place of its own. */
export type Replace<T, R> = { [K in keyof T as K extends keyof R ? never : K]: T[K] } & R;

/**
 * What one override may set, by the path that it writes to: a key of `Field`, a key of `Custom`,
 * or a key below one of those (`custom.hideFrom.viz`).
 */
export type Property<Field, Custom> =
  | { [K in Named<Field> & string]: { id: K; value?: Field[K] } }[Named<Field> & string]
  | { [K in Named<Custom> & string]: Below<K, Custom[K]> }[Named<Custom> & string];

type Below<K extends string, V> =
  | { id: `custom.${K}`; value?: V }
  | Inner<K, Extract<V, Record<string, unknown>>>;

type Inner<K extends string, V> = [V] extends [never]
  ? never
  : V extends unknown
    ? { [L in Named<V> & string]: { id: `custom.${K}.${L}`; value?: V[L] } }[Named<V> & string]
    : never;
