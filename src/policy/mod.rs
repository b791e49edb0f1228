//! Policy files: raw, checked, compiled; lint and explain. Pure.
