//! Talking to real processes: terminals, pipes, keys, the screen, and what a program waits for.

mod given;
mod input;
mod screen;
mod stage;
mod waiting;
