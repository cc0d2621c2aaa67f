/** How many take part in the synthetic market, and how eager they are. */
export interface Crowd {
	readonly touchMakers: number;
	/** Of each touch maker, a side. */
	readonly touchLevels: number;
	readonly deepLevels: number;
	readonly deepMovesPerStep: number;
	/** That informed takers look at a step at all. */
	readonly informedChance: number;
}

export const CROWD: Crowd = { touchMakers: 2, touchLevels: 3, deepLevels: 16, deepMovesPerStep: 4, informedChance: 0.6 };

/** A step costs a quarter of an ordinary one, and still changes nearly every book: for simulations of many hours. */
export const THIN_CROWD: Crowd = { touchMakers: 1, touchLevels: 1, deepLevels: 9, deepMovesPerStep: 1, informedChance: 0.15 };
