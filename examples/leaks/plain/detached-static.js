import { panel, repaired } from './panel.js';

class Tooltip {
  // mend
  static instances = []; // mend
  constructor(anchor) {
    // mend
    this.element = document.createElement('aside');
    this.element.textContent = 'Prices without tax';
    anchor.append(this.element);
    Tooltip.instances.push(this); // mend
  }
  destroy() {
    this.element.remove();
    if (repaired) Tooltip.instances.splice(Tooltip.instances.indexOf(this), 1);
  }
}

let tooltip;

panel(
  (section) => {
    tooltip = new Tooltip(section);
  },
  () => {
    tooltip.destroy();
    tooltip = undefined;
  },
);
