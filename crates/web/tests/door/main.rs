//! The door for people, tried as a browser would: every page is read, every form is filled in.

#[cfg(test)]
mod accessibility;
#[cfg(test)]
mod addressing;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod claiming;
#[cfg(test)]
mod closed;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod forgery;
#[cfg(test)]
mod joining;
#[cfg(test)]
mod linking;
#[cfg(test)]
mod merging;
#[cfg(test)]
mod moderating;
#[cfg(test)]
mod moving;
#[cfg(test)]
mod nesting;
#[cfg(test)]
mod placing;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod sharing;
#[cfg(test)]
mod signing_in;
#[cfg(test)]
mod subscribing;
#[cfg(test)]
mod twins;
#[cfg(test)]
mod writing;
