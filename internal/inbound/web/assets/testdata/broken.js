// The negative control of `make lint`: what tsgo must refuse, or its check of the scripts has gone
// blind.

/** @type {HTMLInputElement} */
const field = document.querySelector('output');
field.focus(7);
