/* 复工通: reading a QR code with the camera. Where the browser has a detector it reads here, else small pictures go to
   the server. The text is sent as a form, so that it never becomes part of an address. ES2017, no dependency. */
(function () {
  "use strict";
  const box = document.querySelector("[data-scan]");
  const form = document.querySelector("[data-scan-form]");
  const go = document.querySelector("[data-scan-go]");
  const video = document.querySelector("video.scan");
  if (!box || !form || !go || !video) { return; }
  const EDGE = 900;
  let stream = null;

  function say(what) {
    Array.from(box.querySelectorAll("[data-scan-say]")).forEach(p => { p.hidden = p.getAttribute("data-scan-say") !== what; });
  }
  function stop() {
    if (stream) { stream.getTracks().forEach(track => track.stop()); }
    stream = null;
    video.hidden = true;
  }
  function done(text) {
    stop();
    form.querySelector("[name=text]").value = text;
    form.submit();
  }

  /* The server reads one picture at a time; the next is taken when it has answered. */
  function byServer(canvas) {
    return new Promise((resolve, reject) => canvas.toBlob(blob => {
      if (!blob) { reject(new Error("no picture")); return; }
      const headers = {"Content-Type": "image/jpeg", Accept: "application/json", "X-CSRF-Token": form.querySelector("[name=_csrf]").value};
      fetch("/api/v1/verify/image", {method: "POST", body: blob, headers: headers, credentials: "same-origin"})
        .then(answer => {
          if (answer.status === 422) { return null; }
          return answer.ok ? answer.json() : Promise.reject(answer.status);
        })
        .then(answer => resolve(answer && answer.text ? answer.text : ""))
        .catch(reject);
    }, "image/jpeg", 0.8));
  }
  async function detector() {
    if (!("BarcodeDetector" in window)) { return null; }
    try {
      const kinds = await window.BarcodeDetector.getSupportedFormats();
      return kinds.includes("qr_code") ? new window.BarcodeDetector({formats: ["qr_code"]}) : null;
    } catch (e) { return null; }
  }
  async function look() {
    const reader = await detector();
    const canvas = document.createElement("canvas");
    const started = Date.now();
    let wait = reader ? 200 : 700;
    while (stream) {
      await new Promise(resolve => setTimeout(resolve, wait));
      if (!stream || document.hidden || !video.videoWidth) { continue; }
      const scale = Math.min(1, EDGE / Math.max(video.videoWidth, video.videoHeight));
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
      try {
        const text = reader ? ((await reader.detect(video))[0] || {}).rawValue : await byServer(canvas);
        if (text && stream) { done(text); return; }
        if (Date.now() - started > 20000) { say("slow"); }
      } catch (e) { wait = Math.min(5000, wait * 2); say("slow"); }
    }
  }

  if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) { say("none"); return; }
  go.hidden = false;
  go.addEventListener("click", () => {
    if (stream) { return; }
    navigator.mediaDevices.getUserMedia({audio: false, video: {facingMode: "environment", width: {ideal: 1280}}})
      .then(given => {
        stream = given;
        video.srcObject = given;
        video.hidden = false;
        go.hidden = true;
        say("look");
        return video.play();
      })
      .then(look)
      .catch(error => { stop(); go.hidden = false; say(error && error.name === "NotAllowedError" ? "refused" : "none"); });
  });
  window.addEventListener("pagehide", stop);
})();
