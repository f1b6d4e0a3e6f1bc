import { html, svg, type SVGTemplateResult } from "lit";

function icon(shape: SVGTemplateResult, size = 20) {
  return html`<svg width=${size} height=${size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${shape}</svg>`;
}

export const chatIcon = icon(svg`<path d="M21 11.5a8.4 8.4 0 0 1-8.5 8.3 8.7 8.7 0 0 1-3.9-.9L3 21l1.9-5.2A8.1 8.1 0 0 1 4 11.5a8.4 8.4 0 0 1 8.5-8.3A8.4 8.4 0 0 1 21 11.5z"/><path d="M9 10h7M9 14h4"/>`, 26);
export const closeIcon = icon(svg`<path d="M18 6 6 18M6 6l12 12"/>`);
export const backIcon = icon(svg`<path d="m15 5-7 7 7 7"/>`);
export const searchIcon = icon(svg`<circle cx="11" cy="11" r="7"/><path d="m20 20-4-4"/>`, 18);
export const sendIcon = icon(svg`<path d="M4 12 20 4l-5 16-3.5-6.5L4 12z"/><path d="m11.500 13.500 4-4.500"/>`);
export const bellIcon = icon(svg`<path d="M6 9a6 6 0 0 1 12 0c0 6 2 7 2 8H4c0-1 2-2 2-8zM10 21h4"/>`);
export const downIcon = icon(svg`<path d="m6 9 6 6 6-6"/>`, 18);
export const clockIcon = icon(svg`<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 2"/>`, 13);
export const sentIcon = icon(svg`<path d="m5 13 4.500 4.500L19 7"/>`, 14);
export const deliveredIcon = icon(svg`<path d="m1 13 4.500 4.500L15 7M11 16.500l1 1L22 7"/>`, 16);
export const failedIcon = icon(svg`<circle cx="12" cy="12" r="9"/><path d="M12 7v6M12 16.500v.5"/>`, 14);
export const peopleIcon = icon(svg`<circle cx="9" cy="8" r="4"/><path d="M2 20c0-4 3-6 7-6s7 2 7 6M16 4.500a4 4 0 0 1 0 7M18.500 14.500c2.200.8 3.500 2.700 3.500 5.500"/>`, 34);
export const chatsIcon = icon(svg`<path d="M21 11.5a8.4 8.4 0 0 1-8.5 8.3 8.7 8.7 0 0 1-3.9-.9L3 21l1.900-5.200A8.100 8.100 0 0 1 4 11.500a8.400 8.400 0 0 1 8.500-8.300A8.400 8.400 0 0 1 21 11.500z"/>`, 34);
