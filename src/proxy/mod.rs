//! One exchange, from permit to answer.
