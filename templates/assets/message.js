// SPDX-License-Identifier: GPL-3.0-or-later
// Gives each frame with a message's HTML version the height of what is in it, whenever that changes. Without it a frame
// has a height of its own and scrolls.
const tallest = 20000;  // px; beyond, it scrolls all the same

function fit(frame) {
  const root = frame.contentDocument?.documentElement;
  if (!root) return;
  const bar = root.scrollWidth > root.clientWidth ? 20 : 0;  // room for a scroll bar below
  const height = Math.ceil(root.getBoundingClientRect().height) + bar;
  frame.style.blockSize = `${Math.min(Math.max(height, 40), tallest)}px`;
}

function follow(frame) {
  const root = frame.contentDocument?.documentElement;
  if (!root) return;
  new ResizeObserver(() => fit(frame)).observe(root);
  fit(frame);
}

for (const frame of document.querySelectorAll('iframe.frame')) {
  frame.addEventListener('load', () => follow(frame));
  if (frame.contentDocument?.readyState === 'complete') follow(frame);
}
