/**
 * The colours of images, on light and on dark ground.
 * @module
 */

/** Whether an image stands on light or on dark ground. */
export type ThemeName = "light" | "dark";

/** Colours as CSS writes them. */
export interface Theme {
  /** The ground. */
  readonly ground: string;
  /** Titles and other strong text. */
  readonly ink: string;
  /** Labels, axes and other weaker text. */
  readonly faint: string;
  /** Lines of a grid. */
  readonly line: string;
  /** One colour a series; told apart also by the colour-blind (Okabe and Ito, https://jfly.uni-koeln.de/color/). */
  readonly series: readonly string[];
}

const THEMES: Readonly<Record<ThemeName, Theme>> = {
  light: {
    ground: "#ffffff",
    ink: "#1c1e21",
    faint: "#5a6068",
    line: "#e3e5e8",
    series: [
      "#0072b2",
      "#d55e00",
      "#009e73",
      "#cc79a7",
      "#b8860b",
      "#56b4e9",
      "#6a3d9a",
      "#5a6068",
    ],
  },
  dark: {
    ground: "#16181b",
    ink: "#eceef0",
    faint: "#a4abb3",
    line: "#33383e",
    series: [
      "#56b4e9",
      "#ff9d4d",
      "#2ed3a3",
      "#e89bc6",
      "#f0e442",
      "#7fa8ff",
      "#c4a1f0",
      "#a4abb3",
    ],
  },
};

/** The colours of a theme. @throws {TypeError} if there is none of that name */
export function themeColours(name: ThemeName): Theme {
  if (!Object.hasOwn(THEMES, name)) {
    throw new TypeError(`theme is ${JSON.stringify(name)}, expected "light" or "dark"`);
  }
  return THEMES[name];
}
