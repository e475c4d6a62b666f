/**
 * Images: charts and other SVG, drawn without a browser, as files and on the screen. Knows nothing of the idioms.
 * @module
 */
export { type ChartOptions, type ChartSpec, renderChart } from "./chart.ts";
export { ImageFileError, imagePaths, writeImage, writeWhole } from "./files.ts";
export { FONT_FAMILY, FONT_STACK, type FontWeight } from "./font.ts";
export { decodePng, encodePng, type Pixels } from "./png.ts";
export { rasterize, type RasterizeOptions, textMeasure, type TextStyle } from "./rasterize.ts";
export {
  Image,
  type MediaBundle,
  type Notebook,
  showImage,
  type ShowOptions,
  type Terminal,
  type TerminalProtocol,
  terminalProtocol,
  terminalSequence,
} from "./show.ts";
export { element, escapeXml, type SvgAttributes, svgDocument } from "./svg.ts";
export { type Theme, themeColours, type ThemeName } from "./theme.ts";
