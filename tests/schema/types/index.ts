/** What a generated declaration may be typed as. */
export type * from './dashboard';
export type * from './panels';
export type * from './queries';
