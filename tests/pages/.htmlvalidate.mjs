// The recommended rules; each one that is switched off says why.
export default {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // A button without a type submits its form, which is what all of ours are for.
    "no-implicit-button-type": "off",
    // Numbers such as 12345 and 0826-5220000 stand in <a href="tel:…"> and may break where the line is too short.
    "tel-non-breaking": "off",
  },
};
