/**
 * Pictures: charts and other SVG, drawn without a browser, as files and on the screen. Knows nothing of the idioms.
 * @module
 */
export { type ChartOptions, type ChartSpec, renderChart } from "./chart.ts";
export { PictureFileError, picturePaths, writePicture, writeWhole } from "./files.ts";
export { FONT_FAMILY, FONT_STACK, type FontWeight } from "./font.ts";
export { decodePng, encodePng, type Pixels } from "./png.ts";
export { rasterize, type RasterizeOptions, textMeasure, type TextStyle } from "./rasterize.ts";
export {
  type MediaBundle,
  type Notebook,
  Picture,
  type ShowOptions,
  showPicture,
  type Terminal,
  type TerminalProtocol,
  terminalProtocol,
  terminalSequence,
} from "./show.ts";
export { element, escapeXml, type SvgAttributes, svgDocument } from "./svg.ts";
export { type Theme, themeColours, type ThemeName } from "./theme.ts";
