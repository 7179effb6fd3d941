//! The bare way: a terminal, a program on it, and a loop that reads and writes its master.

use crate::Outcome;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::{Child, Command};

const PIECE: usize = 64 * 1024;

/// A program on a terminal; it is killed with this.
#[derive(Debug)]
pub(crate) struct Bare {
    pub(crate) master: File,
    child: Child,
}

impl Bare {
    pub(crate) fn start(program: &str, words: &[&str]) -> Outcome<Bare> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?.into_string()?;
        let slave = OpenOptions::new().read(true).write(true).open(name)?;
        let child = Command::new(program)
            .args(words)
            .env("PATH", "/usr/bin:/bin")
            .stdin(slave.try_clone()?)
            .stdout(slave.try_clone()?)
            .stderr(slave)
            .spawn()?;
        let master = File::from(master);
        Ok(Bare { master, child })
    }

    /// Reads until so many bytes have come, or until the end; answers how many.
    pub(crate) fn read_up_to(&mut self, bytes: u64) -> Outcome<u64> {
        let (mut piece, mut total) = (vec![0; PIECE], 0);
        while total < bytes {
            match self.master.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => total += read as u64,
                // Nobody has the other side open any more.
                Err(error) if error.raw_os_error() == Some(5) => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(total)
    }

    /// Writes, and reads as much again.
    pub(crate) fn echo(&mut self, bytes: &[u8], answer: &mut [u8]) -> Outcome {
        self.master.write_all(bytes)?;
        self.master.read_exact(answer)?;
        Ok(())
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // It may be over; a zombie is what must not stay.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
