// The recommended rules; each one that is switched off says why.
export default {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // Style, not correctness: templates close void elements the HTML way and keep long lines out of the output.
    "long-title": "off",
    "no-trailing-whitespace": "off",
    // Buttons without a type submit their form, which is what ours are for.
    "no-implicit-button-type": "off",
    // A list or a table that is shown as something else on a phone loses its role in browsers unless it is named.
    "no-redundant-role": "off",
    "prefer-native-element": "off",
    // Telephone numbers are written as people read them; templates set them in <a href="tel:…">.
    "tel-non-breaking": "off",
  },
};
