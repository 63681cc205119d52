// The recommended rules; each one that is switched off says why.
export default {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // Lists become cards on a phone (display: block), where browsers drop a table's own roles; so they are written.
    "no-redundant-role": "off",
    // Checkboxes of one question share its name, as radio buttons do.
    "form-dup-name": ["error", { shared: ["radio", "checkbox", "button", "submit"] }],
    // The frame in which a wide table scrolls is a named region; a <div> with that role is the same as a <section>.
    "prefer-native-element": ["error", { exclude: ["region"] }],
    // A button without a type submits its form, which is what all of ours are for.
    "no-implicit-button-type": "off",
    // Numbers such as 12345 and 0826-5220000 stand in <a href="tel:…"> and may break where the line is too short.
    "tel-non-breaking": "off",
  },
};
