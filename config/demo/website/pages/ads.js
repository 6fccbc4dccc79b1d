// Stands in for a script of somebody else: it says that it ran, and nothing more.
window.ran.push("ads");
